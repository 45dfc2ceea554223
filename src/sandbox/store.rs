//! The posts of one workspace, in memory and bounded.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure::{Code, Failure};
use super::payload::PostEdit;
use super::query::ListQuery;
use super::rules::Rule;

/// Posts that a workspace holds.
pub(super) const MAX_POSTS: usize = 10_000;
/// Bytes of text that a workspace holds.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Deleted ids that are remembered, to say so.
const MAX_DELETED: usize = 1_000;

/// Texts that stand for the variants of an enum.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every one, in the order of messages.
            pub(super) const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// As JSON spells it.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The one spelled so.
            pub(super) fn from_text(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    /// Where a post is sent.
    ChannelName { Blog = "blog", Newsletter = "newsletter", Social = "social", Rss = "rss" }
}
words! {
    /// Who sees it there.
    Audience { Everyone = "everyone", Subscribers = "subscribers" }
}
words! {
    /// How far a post has come; it follows from `publishAt` and the clock.
    PostState { Draft = "draft", Scheduled = "scheduled", Published = "published" }
}

/// One entry of `channels`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) name: ChannelName,
    pub(super) audience: Audience,
}

/// A post.
#[derive(Clone, Debug)]
pub(super) struct Post {
    /// Shape: `post_` and a ULID.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) slug: String,
    pub(super) body: Option<String>,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) channels: Vec<Channel>,
    pub(super) notify: bool,
    /// 1 when new, one more with each change.
    pub(super) version: u64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Post {
    /// How far it has come.
    pub(super) fn state(&self, now: Timestamp) -> PostState {
        match self.publish_at {
            None => PostState::Draft,
            Some(at) if at > now => PostState::Scheduled,
            Some(_) => PostState::Published,
        }
    }

    /// As answers show it.
    pub(super) fn to_json(&self, workspace: &str, now: Timestamp) -> Value {
        let channels: Vec<Value> = self
            .channels
            .iter()
            .map(|channel| json!({ "name": channel.name.as_str(), "audience": channel.audience.as_str() }))
            .collect();
        json!({
            "id": self.id,
            "workspace": workspace,
            "title": self.title,
            "slug": self.slug,
            "body": self.body,
            "publishAt": self.publish_at.map(|at| at.to_string()),
            "channels": channels,
            "notify": self.notify,
            "state": self.state(now).as_str(),
            "version": self.version,
            "createdAt": self.created_at.to_string(),
            "updatedAt": self.updated_at.to_string(),
        })
    }

    /// Takes over what an edit sets.
    fn apply(&mut self, edit: PostEdit) {
        if let Some(title) = edit.title {
            self.title = title;
        }
        if let Some(slug) = edit.slug {
            self.slug = slug;
        }
        if let Some(body) = edit.body {
            self.body = body;
        }
        if let Some(publish_at) = edit.publish_at {
            self.publish_at = publish_at;
        }
        if let Some(channels) = edit.channels {
            self.channels = channels;
        }
        if let Some(notify) = edit.notify {
            self.notify = notify;
        }
    }

    /// About the memory its texts take.
    fn len_bytes(&self) -> usize {
        self.title.len() + 2 * self.slug.len() + self.body.as_ref().map_or(0, String::len) + 512
    }
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) posts: Vec<&'a Post>,
    /// The last id of this page, if more follow.
    pub(super) next_after: Option<&'a str>,
}

/// The posts of one workspace.
#[derive(Debug, Default)]
pub(super) struct Store {
    posts: BTreeMap<String, Post>,
    /// Slug to id, of the posts that are there.
    slugs: HashMap<String, String>,
    deleted: VecDeque<String>,
    len_bytes: usize,
}

impl Store {
    /// Makes a post.
    ///
    /// *Errors*: `conflict` if the slug is taken or the workspace is full.
    pub(super) fn create(&mut self, id: String, edit: PostEdit, now: Timestamp) -> Result<&Post, Failure> {
        let mut post = Post {
            id: id.clone(),
            title: String::new(),
            slug: String::new(),
            body: None,
            publish_at: None,
            channels: Vec::new(),
            notify: false,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        post.apply(edit);
        self.check_slug(&post.slug, &id)?;
        self.check_room(post.len_bytes(), 1)?;
        Ok(self.put(post))
    }

    /// Puts a post in as it is, over an earlier one of the same id.
    pub(super) fn put(&mut self, post: Post) -> &Post {
        if let Some(earlier) = self.posts.remove(&post.id) {
            self.slugs.remove(&earlier.slug);
            self.len_bytes = self.len_bytes.saturating_sub(earlier.len_bytes());
        }
        self.slugs.insert(post.slug.clone(), post.id.clone());
        self.len_bytes = self.len_bytes.saturating_add(post.len_bytes());
        self.posts.entry(post.id.clone()).or_insert(post)
    }

    /// The post of an id.
    ///
    /// *Errors*: `not_found`, which says so if it was deleted.
    pub(super) fn get(&self, id: &str) -> Result<&Post, Failure> {
        if let Some(post) = self.posts.get(id) {
            return Ok(post);
        }
        let reason = if self.deleted.iter().any(|gone| gone == id) {
            "post was deleted"
        } else {
            "no post of this workspace has this id"
        };
        Err(Failure::new(Code::NotFound, "post does not exist in this workspace").at("id", reason))
    }

    /// Changes a post.
    ///
    /// *Errors*: `not_found`; `conflict` for a stale version, a taken slug or the date of a published post.
    pub(super) fn update(&mut self, id: &str, edit: PostEdit, now: Timestamp) -> Result<&Post, Failure> {
        let post = self.get(id)?;
        if edit.version.is_some_and(|version| version != post.version) {
            let message = format!("post was changed meanwhile, its version is {}", post.version);
            return Err(Failure::broken(Rule::VersionCurrent, "version", message));
        }
        let is_moved = edit.publish_at.is_some_and(|at| at != post.publish_at);
        if is_moved && post.state(now) == PostState::Published {
            let message = "publishAt of a published post cannot change";
            return Err(Failure::broken(Rule::PublishedFixed, "publishAt", message));
        }
        let earlier_len = post.len_bytes();
        let mut changed = post.clone();
        changed.apply(edit);
        changed.version = changed.version.saturating_add(1);
        changed.updated_at = now;
        self.check_slug(&changed.slug, id)?;
        self.check_room(changed.len_bytes().saturating_sub(earlier_len), 0)?;
        Ok(self.put(changed))
    }

    /// Deletes a post.
    ///
    /// *Errors*: `not_found`.
    pub(super) fn delete(&mut self, id: &str) -> Result<(), Failure> {
        let post = self.get(id)?.clone();
        self.posts.remove(&post.id);
        self.slugs.remove(&post.slug);
        self.len_bytes = self.len_bytes.saturating_sub(post.len_bytes());
        if self.deleted.len() >= MAX_DELETED {
            self.deleted.pop_front();
        }
        self.deleted.push_back(post.id);
        Ok(())
    }

    /// A page of posts, newest id first.
    pub(super) fn list(&self, query: &ListQuery, now: Timestamp) -> Page<'_> {
        use std::ops::Bound::{Excluded, Unbounded};
        let end = query.after.as_deref().map_or(Unbounded, Excluded);
        let mut matching = self
            .posts
            .range::<str, _>((Unbounded, end))
            .rev()
            .map(|(_, post)| post)
            .filter(|post| query.state.is_none_or(|state| post.state(now) == state));
        let posts: Vec<&Post> = matching.by_ref().take(query.limit).collect();
        let has_more = matching.next().is_some();
        let next_after = if has_more { posts.last().map(|post| post.id.as_str()) } else { None };
        Page { posts, next_after }
    }

    fn check_slug(&self, slug: &str, id: &str) -> Result<(), Failure> {
        match self.slugs.get(slug) {
            Some(owner) if owner != id => {
                let message = format!("slug {slug} is already used by another post of this workspace");
                Err(Failure::broken(Rule::SlugUnique, "slug", message))
            }
            _ => Ok(()),
        }
    }

    fn check_room(&self, more_bytes: usize, more_posts: usize) -> Result<(), Failure> {
        let fits = self.posts.len() + more_posts <= MAX_POSTS && self.len_bytes + more_bytes <= MAX_BYTES;
        if fits {
            return Ok(());
        }
        let message = "workspace is full, delete posts before adding text";
        Err(Failure::broken(Rule::WorkspaceRoom, "X-Altyaa-Workspace", message))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn edit(slug: &str, body_len: usize) -> PostEdit {
        PostEdit {
            title: Some("Title".into()),
            slug: Some(slug.into()),
            body: Some(Some("x".repeat(body_len))),
            ..PostEdit::default()
        }
    }

    #[test]
    fn a_full_workspace_refuses_more_and_takes_again_after_a_deletion() {
        let mut store = Store::default();
        let now = Timestamp::UNIX_EPOCH;
        for n in 0..MAX_POSTS {
            store.create(format!("post_{n}"), edit(&format!("s{n}"), 1), now).unwrap();
        }
        let failure = store.create("post_more".into(), edit("more", 1), now).unwrap_err();
        assert_eq!((failure.code, failure.details.unwrap().1.as_str()), (Code::Conflict, "workspace is full"));
        store.delete("post_0").unwrap();
        store.create("post_more".into(), edit("more", 1), now).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_given_back() {
        let mut store = Store::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut made = 0;
        while store.create(format!("post_{made}"), edit(&format!("s{made}"), 1024 * 1024), now).is_ok() {
            made += 1;
        }
        assert_eq!(made, 63);
        for n in 0..made {
            store.delete(&format!("post_{n}")).unwrap();
        }
        assert_eq!(store.len_bytes, 0);
        assert!(store.slugs.is_empty());
    }

    #[test]
    fn a_changed_slug_frees_the_old_one() {
        let mut store = Store::default();
        let now = Timestamp::UNIX_EPOCH;
        store.create("post_a".into(), edit("one", 1), now).unwrap();
        store.update("post_a", edit("two", 1), now).unwrap();
        store.create("post_b".into(), edit("one", 1), now).unwrap();
        assert_eq!(store.update("post_b", edit("two", 1), now).unwrap_err().code, Code::Conflict);
    }
}
