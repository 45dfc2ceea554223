//! The words of a name, and whether a value looks made by a machine.

/// A name without case, separators and brackets.
pub(in crate::secret) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | '[' | ']' | ' ' | '$'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a name in lower case: `stripeSecretKey`, `stripe_secret_key` and `Stripe-Secret-Key` are three words.
pub(in crate::secret) fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = name.chars().peekable();
    let mut previous: Option<char> = None;
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            previous = None;
            continue;
        }
        let was_lower = previous.is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        let was_upper = previous.is_some_and(char::is_uppercase);
        let next_is_lower = chars.peek().is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (was_lower || (was_upper && next_is_lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
        previous = Some(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a value looks made by a machine, so that it may be a secret under a name that also has plain uses.
///
/// Eight characters and more without a blank, with letters and digits or both cases mixed inside a word, or very long.
pub(in crate::secret) fn is_opaque(value: &str) -> bool {
    if value.len() < 8 || value.contains(char::is_whitespace) {
        return false;
    }
    let has_digit = value.bytes().any(|b| b.is_ascii_digit());
    let has_letter = value.bytes().any(|b| b.is_ascii_alphabetic());
    let bytes = value.as_bytes();
    let turns =
        bytes.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let is_date = value.len() <= 32
        && value.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
        && value.as_bytes().get(4) == Some(&b'-');
    (has_digit && has_letter && !is_date)
        || turns.count() >= 2
        || (value.len() >= 24 && !value.contains(['_', '-', '.', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_where_its_spelling_turns() {
        for name in ["stripeSecretKey", "stripe_secret_key", "Stripe-Secret-Key", "STRIPE_SECRET_KEY"] {
            assert_eq!(words_of(name), ["stripe", "secret", "key"], "{name}");
        }
        assert_eq!(words_of("APIKey"), ["api", "key"]);
    }

    #[test]
    fn opaque_values_are_told_from_words() {
        for value in ["af0ifjsldkj", "SplxlOBeZQQYbYS6WxSbIA", "4/0AX4XfWhAbCd", "abcdefghijklmnopqrstuvwxyz"] {
            assert!(is_opaque(value), "{value}");
        }
        for value in [
            "published",
            "scheduled",
            "invalid_request",
            "2026-11-23T10:00:00Z",
            "createdAt",
            "12345678",
            "two words 12",
        ] {
            assert!(!is_opaque(value), "{value}");
        }
    }
}
