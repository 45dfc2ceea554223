//! Sends a prepared request over HTTP and explains why no answer came.
