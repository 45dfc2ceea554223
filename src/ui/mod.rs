//! Draws the state and pushes commands.
