//! The program without a screen: state, commands, effects.
