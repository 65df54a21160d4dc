//! How figures are drawn: as SVG with plain attributes, so that every browser and office suite shows the same.

pub(crate) mod ink;
pub(crate) mod key;
pub(crate) mod panel;
pub(crate) mod scale;
pub(crate) mod svg;
