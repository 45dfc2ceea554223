//! The rules that a JSON Schema cannot say, as the OpenAPI document lists them under `x-rules`.

use super::failure::Code;

/// A rule beyond the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `publishAt` lies after now.
    PublishAtFuture,
    /// `publishAt` lies before the last date the calendar can hold.
    PublishAtRange,
    /// A title is more than white space.
    TitleNotBlank,
    /// No two entries of `channels` name the same channel.
    ChannelNamesUnique,
    /// A cursor is one that this list gave out.
    CursorKnown,
    /// A parameter is given once.
    ParameterOnce,
    /// A parameter is one of the list's own.
    ParameterKnown,
    /// No two posts of a workspace have the same slug.
    SlugUnique,
    /// A change names the version that is current.
    VersionCurrent,
    /// A published post keeps its date.
    PublishedFixed,
    /// A workspace holds a bounded number of posts.
    WorkspaceRoom,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 11] = [
        Self::PublishAtFuture,
        Self::PublishAtRange,
        Self::TitleNotBlank,
        Self::ChannelNamesUnique,
        Self::CursorKnown,
        Self::ParameterOnce,
        Self::ParameterKnown,
        Self::SlugUnique,
        Self::VersionCurrent,
        Self::PublishedFixed,
        Self::WorkspaceRoom,
    ];

    /// Its name in `x-rules`.
    pub fn id(self) -> &'static str {
        match self {
            Self::PublishAtFuture => "publish_at_future",
            Self::PublishAtRange => "publish_at_range",
            Self::TitleNotBlank => "title_not_blank",
            Self::ChannelNamesUnique => "channel_names_unique",
            Self::CursorKnown => "cursor_known",
            Self::ParameterOnce => "parameter_once",
            Self::ParameterKnown => "parameter_known",
            Self::SlugUnique => "slug_unique",
            Self::VersionCurrent => "version_current",
            Self::PublishedFixed => "published_fixed",
            Self::WorkspaceRoom => "workspace_room",
        }
    }

    /// The envelope's `details.reason` when it is broken.
    pub fn reason(self) -> &'static str {
        match self {
            Self::PublishAtFuture => "value is in the past",
            Self::PublishAtRange => "value is too far in the future",
            Self::TitleNotBlank => "value is blank",
            Self::ChannelNamesUnique => "value is listed twice",
            Self::CursorKnown => "value is not a cursor of this list",
            Self::ParameterOnce => "parameter is given twice",
            Self::ParameterKnown => "parameter is unknown",
            Self::SlugUnique => "value is already taken",
            Self::VersionCurrent => "value is not the current version",
            Self::PublishedFixed => "post is already published",
            Self::WorkspaceRoom => "workspace is full",
        }
    }

    /// The envelope's `code` when it is broken.
    pub(super) fn code(self) -> Code {
        match self {
            Self::SlugUnique | Self::VersionCurrent | Self::PublishedFixed | Self::WorkspaceRoom => Code::Conflict,
            _ => Code::InvalidRequest,
        }
    }

    /// The status that it is answered with.
    pub fn status(self) -> u16 {
        if self.code() == Code::Conflict { 409 } else { 400 }
    }
}
