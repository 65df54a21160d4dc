//! Facilities and their table.

use super::ZONES;
use crate::draw::Draw;

/// A facility: what else is made looks at, and the rest as columns.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) zone: &'static str,
    pub(super) nominated_kw: u64,
    /// From `time_zone` on.
    pub(super) columns: String,
}

const HEADER: &str = "facility,name,licensee,licence_no,licence_from,licence_to,zone,time_zone,tier,protected,\
    nominated_mw,quota_mw,floor_mw,min_cut_mw,block_mw,cut_cost_per_mwh,event_cost,notice_min,min_cut_min,\
    max_cut_min,min_gap_min,max_events_per_day,max_cut_hours,ramp_up_mw_per_h\n";

impl Made {
    /// A facility of [`super::Recipe`].
    pub(super) fn draw(draw: &mut Draw, f: usize, blocks_percent: u64) -> Self {
        let zone = ZONES[draw.below(20) as usize % 9 % 3];
        let time_zone = if zone == "west" { "Asia/Oral" } else { "Asia/Almaty" };
        let nominated_kw = 2_000 + draw.below(38_000);
        let floor_kw = nominated_kw * (2 + draw.below(5)) / 100;
        let block = if draw.below(100) < blocks_percent {
            mw((nominated_kw - floor_kw) / (3 + draw.below(5)))
        } else {
            String::new()
        };
        let (least, hours) = (60 * (1 + draw.below(3)), 4 + draw.below(10));
        let columns = [
            (1 + draw.below(2)).to_string(),
            (draw.below(40) == 0).to_string(),
            mw(nominated_kw),
            String::new(), // no quota
            mw(floor_kw),
            mw(nominated_kw / (8 + draw.below(20))),
            block,
            format!("{:.2}", draw.between(38.0, 107.0)),
            (draw.below(8) * 50).to_string(),
            (draw.below(4) * 60).to_string(),
            least.to_string(),
            (least + 60 * draw.below(8)).to_string(),
            (60 * (1 + draw.below(4))).to_string(),
            (1 + draw.below(3)).to_string(),
            hours.to_string(),
            mw(nominated_kw / (1 + draw.below(4))),
        ];
        Self {
            name: format!("F{f:05}"),
            zone,
            nominated_kw,
            columns: format!("{time_zone},{}", columns.join(",")),
        }
    }

    /// A facility of [`super::Goal`]: longer notices, and hours that grow with the horizon.
    pub(super) fn draw_goal(draw: &mut Draw, f: usize, blocks_percent: u64, budget_days: f64) -> Self {
        let zone = ZONES[[0, 1, 2, 0, 1][f % 5]];
        let time_zone = if zone == "west" { "Asia/Oral" } else { "Asia/Almaty" };
        let nominated_kw = 2_000 + draw.below(38_000);
        let floor_kw = nominated_kw * (2 + draw.below(5)) / 100;
        let blocks = 3 + draw.below(5);
        let moves_in_blocks = draw.below(100) < blocks_percent;
        let notice_minutes = [0, 60, 120, 180, 240, 360, 480, 720][draw.below(8) as usize];
        let (least, hours) = (60 * (1 + draw.below(3)), 4 + draw.below(10));
        let columns = [
            (1 + draw.below(2)).to_string(),
            (draw.below(40) == 0).to_string(),
            mw(nominated_kw),
            String::new(), // no quota
            mw(floor_kw),
            mw(nominated_kw / (8 + draw.below(20))),
            if moves_in_blocks { mw((nominated_kw - floor_kw) / blocks) } else { String::new() },
            format!("{:.2}", draw.between(38.0, 107.0)),
            (draw.below(8) * 50).to_string(),
            notice_minutes.to_string(),
            least.to_string(),
            (least + 60 * draw.below(8)).to_string(),
            (60 * (1 + draw.below(4))).to_string(),
            (1 + draw.below(3)).to_string(),
            (hours as f64 * budget_days).floor().to_string(),
            mw(nominated_kw / (1 + draw.below(4))),
        ];
        Self {
            name: format!("F{f:05}"),
            zone,
            nominated_kw,
            columns: format!("{time_zone},{}", columns.join(",")),
        }
    }
}

pub(super) fn mw(kw: u64) -> String {
    format!("{}.{:03}", kw / 1000, kw % 1000)
}

pub(super) fn load_mw(fleet: &[Made], zone: &str) -> f64 {
    fleet.iter().filter(|made| made.zone == zone).map(|made| made.nominated_kw as f64 / 1000.0).sum()
}

pub(super) fn facilities_csv(fleet: &[Made]) -> String {
    let row = |made: &Made| {
        format!(
            "{0},{0},Licensee {0},L-{0},2024-01-01,2026-12-31,{1},{2}\n",
            made.name, made.zone, made.columns
        )
    };
    HEADER.to_owned() + &fleet.iter().map(row).collect::<String>()
}
