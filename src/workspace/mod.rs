//! Environments, variables and saved requests; prepares a draft for sending.
