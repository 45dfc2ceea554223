//! Proofs about credentials and sign-ins from end to end: what is never written down, never sent and never renewed twice.

mod canaries;
mod issuer;
mod program;
mod refusals;
mod renewal;
mod search;
