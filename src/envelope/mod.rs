//! Reads an error body into an error envelope, and what an answer says of rate limits.

mod body;
mod challenge;
mod declared;
mod html;
mod map;
mod model;
mod moment;
mod plain;
mod prose;
mod quota_policy;
mod rate_limit;
mod rate_limit_names;
mod read;
mod reading;
mod request_id;
mod retry;
mod shapes;
mod source;
mod speaker;
mod structured_field;
mod usage_header;
mod xml;

pub use challenge::{Challenge, challenges};
pub use model::{Answer, AnsweredBy, BlamedField, ErrorEnvelope, IdMaker, RequestId, Stated};
pub use moment::http_date;
pub use rate_limit::{RateLimit, rate_limits, should_retry};
pub use read::{UNKNOWN_FORMAT, read};
