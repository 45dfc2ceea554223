//! Behaviour across folders, without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod app;
mod app_answer;
mod app_desk;
mod app_update;
mod cli;
mod credentials_keyring;
mod diagnosis;
mod diagnosis_cli;
mod diagnosis_profiles;
mod diagnosis_sandbox;
mod engine;
mod failures;
mod faults;
mod golden;
mod history;
mod history_compare;
mod history_crash;
mod history_life;
mod history_search;
mod history_words;
mod leak_corpus;
mod leaks;
mod oauth_flows;
mod planted;
mod redaction;
mod report;
mod sandbox;
mod sandbox_codes;
mod sandbox_oauth;
mod security_history;
mod security_line;
mod text_properties;
mod transport;
mod transport_proxy;
mod transport_server;
