//! The one way in which an address is opened in the system's browser.

use url::Url;

use crate::credentials::Origin;

/// Why an address is not opened.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It is neither https nor http on this machine.
    #[error("not https")]
    NotHttps,
    /// It holds a user name or a password.
    #[error("it holds a user name")]
    UserName,
    /// The system opened no browser.
    #[error("no browser opened: {0}")]
    NoBrowser(std::io::Error),
}

impl LinkError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::NotHttps => "This address is not opened: it is neither https nor on this machine".into(),
            Self::UserName => "This address is not opened: it holds a user name".into(),
            Self::NoBrowser(error) => format!("No browser opened: {}", error.kind()),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::NotHttps | Self::UserName => "Look at the address, and open it by hand if you trust it".into(),
            Self::NoBrowser(_) => "Copy the address and open it in a browser by hand".into(),
        }
    }
}

/// Whether an address may be opened at all: https, or http on this machine, without user name.
///
/// *Errors*: [`LinkError::NotHttps`], [`LinkError::UserName`].
pub fn check_link(url: &Url) -> Result<(), LinkError> {
    if !Origin::of(url).is_some_and(|origin| origin.is_safe_for_secrets()) {
        return Err(LinkError::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::UserName);
    }
    Ok(())
}

/// Opens an address whose host the person has seen. Blocks for a moment.
///
/// *Errors*: those of [`check_link`], [`LinkError::NoBrowser`].
pub fn open_link(url: &Url) -> Result<(), LinkError> {
    check_link(url)?;
    webbrowser::open(url.as_str()).map_err(LinkError::NoBrowser)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_opened() {
        for good in ["https://a.example/x?y#z", "http://127.0.0.1:1/x", "http://[::1]/"] {
            assert!(check_link(&Url::parse(good).unwrap()).is_ok(), "{good}");
        }
        for bad in
            ["http://a.example/", "file:///etc/passwd", "javascript:alert(1)", "https://me@a.example/", "mailto:a@b.c"]
        {
            let error = check_link(&Url::parse(bad).unwrap()).unwrap_err();
            assert!(!error.summary().is_empty() && !error.fix().is_empty(), "{bad}");
        }
    }
}
