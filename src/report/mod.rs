//! The escalation report that support can use.
