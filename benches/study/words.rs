//! What the command line chooses.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: ./dev bench study [OPTIONS]

  --seeds 1,2,5,6       seasons, one of each seed's family (kezek_study::made::Family)
  --facilities 45       of a season
  --days 150            of a season
  --draws 4             drawn on all threads
  --every 15            each so many days one is planned by linopy and HiGHS, and PyPSA, too
  --limit 60            seconds that they have for a day
  --gap 0.01            proven relative gap at which both stop";

/// The choice.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) seeds: Vec<u64>,
    pub(crate) facilities: usize,
    pub(crate) days: u32,
    pub(crate) draws: u32,
    pub(crate) every: usize,
    pub(crate) limit_s: f64,
    pub(crate) gap: f64,
    /// With linopy and PyPSA; Kezek is measured alone where there is none.
    pub(crate) python: Option<PathBuf>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            seeds: vec![1, 2, 5, 6],
            facilities: 45,
            days: 150,
            draws: 4,
            every: 15,
            limit_s: 60.0,
            gap: 0.01,
            python: None,
        }
    }
}

impl Words {
    /// Reads the words; `None` where only help was asked for.
    pub(crate) fn read(words: &[String]) -> Result<Option<Self>, String> {
        let (mut chosen, mut words) = (Self::default(), words.iter());
        while let Some(option) = words.next() {
            if option == "--help" || option == "-h" {
                return Ok(None);
            }
            chosen.take(option, words.next().ok_or(format!("{option} needs a value\n{USAGE}"))?)?;
        }
        Ok(Some(chosen))
    }

    fn take(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "--seeds" => self.seeds = value.split(',').map(number).collect::<Result<_, _>>()?,
            "--facilities" => self.facilities = number(value)?,
            "--days" => self.days = number(value)?,
            "--draws" => self.draws = number(value)?,
            "--every" => self.every = number::<usize>(value)?.max(1),
            "--limit" => self.limit_s = number(value)?,
            "--gap" => self.gap = number(value)?,
            "--python" => self.python = Some(value.into()),
            _ => return Err(format!("{option} is no option\n{USAGE}")),
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}
