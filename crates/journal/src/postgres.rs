//! The journal in PostgreSQL: the same records, the same chain, for several control rooms of which one leads.
//!
//! `connection` is the wire, `schema` the tables and what guards them, `lease` who may write, `reader` and `store` the
//! two sides of a journal.

mod connection;
mod lease;
mod reader;
mod schema;
mod store;

pub use lease::{Leader, Lease};
pub use reader::PostgresReader;
pub use store::PostgresStore;
