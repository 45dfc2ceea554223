//! Behaviour of the library as a whole, without a screen.

mod text_properties;
