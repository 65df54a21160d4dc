//! Which orders a question about what meters say is about, and on whose clock the answer stands.

use chrono_tz::Tz;

/// Orders, and a clock.
#[derive(clap::Args, Debug)]
pub(crate) struct Picked {
    /// Only of this order
    #[arg(long, value_name = "ORDER_NO")]
    pub(crate) order: Option<String>,
    /// Only of orders for this facility
    #[arg(long, value_name = "ID")]
    pub(crate) facility: Option<String>,
    /// Show times on the clock of this IANA time zone
    #[arg(long, default_value = "UTC", value_name = "TIME_ZONE")]
    pub(crate) zone: Tz,
}
