//! What errors are a share of.

use serde::{Deserialize, Serialize};

/// What the errors of a series are a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Of what was forecast for the same interval: demand, whose errors grow with it and which is never nothing.
    Forecast,
    /// Of the mean of all that was forecast: generation such as wind, which may be forecast to be nothing.
    MeanForecast,
}

impl Basis {
    pub(super) fn takes(self, forecast_mw: f64) -> bool {
        match self {
            Self::Forecast => forecast_mw > 0.0,
            Self::MeanForecast => forecast_mw >= 0.0,
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Forecast => "a forecast above 0 MW, as errors are shares of it",
            Self::MeanForecast => "a forecast of 0 MW or more",
        }
    }
}
