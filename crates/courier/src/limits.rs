//! Every bound of sending and receiving, in one place. The times of the attempts are not here: whoever
//! remembers the attempts also decides when the next one is due.

use std::time::Duration;

/// How long a connection may take to come about, name lookup and TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one attempt may take from start to the last byte of the answer.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a facility that asks for its orders is kept waiting for one, at most.
pub const FETCH_WITHIN: Duration = Duration::from_secs(25);

/// How long an unused connection is kept for the next message to the same address.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The most unused connections kept to one address.
pub const POOL_IDLE_PER_HOST: usize = 2;

/// The most bytes read of an answer; the rest is left unread.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The longest message a receiver looks at; longer ones are refused before their signature is computed.
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// How far the time stamp of an attempt may lie from the receiver's clock, either way, in seconds.
pub const TIMESTAMP_TOLERANCE_S: i64 = 5 * 60;

/// The most signatures one header may carry (two keys in parallel need two).
pub const MAX_SIGNATURES: usize = 8;

/// The longest `webhook-id`, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// The longest wait that a `Retry-After` may ask for; longer ones count as this.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest file of certificates, in bytes: what is longer is something else and is not read whole.
pub const MAX_PEM_BYTES: u64 = 1024 * 1024;

/// Connections that a listener keeps at the same time.
pub const MAX_CONNECTIONS: usize = 4096;

/// Connections that it keeps to one address; an IPv6 network of 64 bits counts as one.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 128;

/// How long a caller may take for the handshake of an encrypted connection.
pub const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// How long a caller may take from the beginning of a request, or the end of the one before it, to the end of its head.
pub const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// The longest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The most headers of a request.
pub const MAX_HEADERS: usize = 64;
