//! Sign-in (身份鉴别): who somebody is, and for how long that is believed.

mod password;
mod password_rule;
mod refresh;
mod throttle;
mod token;

pub use password::{HashingCost, HashingError, Passwords, Verdict};
pub use password_rule::PasswordRule;
pub use refresh::RefreshToken;
pub use throttle::{Budget, Limit, Refused, Throttle, ThrottleLimits};
pub use token::{AccessToken, AccessTokens, BadToken, Bearer, KeyError, SigningKey, TokenError};
