//! The window, driven in memory: real program, real sandbox on loopback, no screen.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod action_cards;
mod actions;
mod answers;
mod codes;
mod cookies;
mod credential_panel;
mod credentials;
mod defects;
mod desk;
mod dialogs;
mod history;
mod history_entries;
mod history_list;
mod keyboard;
mod large;
mod layout;
mod network;
mod paste;
mod pictures;
mod places;
mod profiles;
mod refusals;
mod sending;
mod server;
