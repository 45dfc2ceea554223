//! Reads an error body into an error envelope, and what an answer says of rate limits.

mod body;
mod declared;
mod html;
mod model;
mod moment;
mod quota_policy;
mod rate_limit;
mod rate_limit_names;
mod read;
mod request_id;
mod retry;
mod speaker;
mod structured_field;
mod usage_header;

pub use model::{Answer, AnsweredBy, BlamedField, ErrorEnvelope, IdMaker, RequestId, Stated};
pub use moment::http_date;
pub use rate_limit::{RateLimit, rate_limits, should_retry};
pub use read::{UNKNOWN_FORMAT, read};
