//! Every failure as a person reads it: a server does one thing wrong, `altyaa send` runs against it, and the whole of
//! what it says is compared with `golden_failures/NAME.txt`.
//!
//! `UPDATE_GOLDEN=1` writes the files; each is then read by somebody who asks whether it is true, whether it names the
//! right layer and whether it says what to do. Only what must differ from run to run is replaced: see [`told`].

mod bodies;
mod codings;
mod engine;
mod facts;
mod handshakes;
mod http1;
mod http2;
mod proxies;
mod redirects;
mod retries;
mod socks;
mod tcp;
mod times;
mod told;
