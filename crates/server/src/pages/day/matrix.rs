//! Who is planned to be cut when, by zone or by facility.

use kezek_model::case::Case;
use kezek_model::plan::Plan;
use kezek_pages::day::{By, Matrix, MatrixRow};

use super::{NOTHING_MW, Zone};

/// Cells of a page: beyond, those that lose least are left to the plan.
const MOST_CELLS: usize = 12_000;

/// Where a matrix stands, and what of a plan it shows.
pub(super) struct Seen<'s> {
    pub(super) by: By,
    /// The address of the board of this day, ready for one more word.
    pub(super) path: String,
    /// The intervals of the day.
    pub(super) hours: &'s [usize],
    /// Whether facilities have a page.
    pub(super) is_live: bool,
}

impl Seen<'_> {
    pub(super) fn matrix(&self, case: &Case, plan: &Plan, zones: &[Zone]) -> Matrix {
        let (rows, left_out) = match self.by {
            By::Zone => (self.zones(zones), 0),
            By::Facility => self.facilities(case, plan),
        };
        let paths = [By::Zone, By::Facility].map(|by| self.path.clone() + by.asked());
        Matrix { by: self.by, rows, left_out, paths }
    }

    fn zones(&self, zones: &[Zone]) -> Vec<MatrixRow> {
        let row = |zone: &Zone| MatrixRow {
            name: zone.id.to_string(),
            path: None,
            cuts_mw: self.hours.iter().map(|&t| zone.planned[t]).collect(),
        };
        zones.iter().map(row).collect()
    }

    /// Those that are cut, most energy first, and how many more.
    fn facilities(&self, case: &Case, plan: &Plan) -> (Vec<MatrixRow>, usize) {
        let each = case.facilities.iter().zip(plan.allocations.chunks(case.grid.len));
        let cuts = each.map(|(facility, rows)| {
            let own: Vec<f64> = self.hours.iter().map(|&t| rows[t].cut.mw()).collect();
            (own.iter().sum::<f64>(), &facility.id, own)
        });
        let mut cuts: Vec<_> = cuts.filter(|(sum, ..)| *sum >= NOTHING_MW).collect();
        cuts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let most = MOST_CELLS / self.hours.len().max(1);
        let left_out = cuts.len().saturating_sub(most);
        let row = |(_, id, cuts_mw): (f64, &kezek_model::ids::FacilityId, Vec<f64>)| MatrixRow {
            name: id.to_string(),
            path: self.is_live.then(|| format!("/facilities/{}", kezek_pages::frame::encoded(id.as_str()))),
            cuts_mw,
        };
        (cuts.into_iter().take(most).map(row).collect(), left_out)
    }
}
