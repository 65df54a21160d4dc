//! The papers of this room: what `kezek_papers` sets, filled from the journal.

use kezek_model::ids::OrderNo;
use kezek_model::registry::Language;
use kezek_papers::{Approval, OrderPaper, PaperError, PlanPaper};

use crate::error::ServerError;
use crate::notice::Notice;
use crate::room::ControlRoom;

fn unset(error: &PaperError) -> ServerError {
    ServerError::Unset { why: error.to_string() }
}

impl ControlRoom {
    /// An order on paper, as PDF, with the legal text that stands now.
    ///
    /// # Errors
    /// When it cannot be set.
    pub(crate) async fn order_paper(&self, order_no: &OrderNo) -> Result<Option<Vec<u8>>, ServerError> {
        let order = self.look(|book| book.state.record(order_no).map(|record| record.order.clone()));
        let Some(order) = order else { return Ok(None) };
        let (zone, (texts, _)) = (self.zone_of(&order).await, self.texts.current());
        let set = move || {
            let legal =
                [Language::Kk, Language::Ru].map(|language| Notice::new(&order, zone, &texts, language));
            let [kk, ru] = legal.map(|notice| notice.map(|notice| notice.legal()));
            let legal = [kk.map_err(PaperError::from)?, ru.map_err(PaperError::from)?];
            OrderPaper { order: &order, zone, legal }.pdf()
        };
        self.press(set).await.map(Some)
    }

    /// A plan on paper, as PDF, with those who have approved it so far.
    ///
    /// # Errors
    /// When the plan cannot be read from the journal or set.
    pub(crate) async fn plan_paper(&self, digest: &str) -> Result<Option<Vec<u8>>, ServerError> {
        let found = self.look(|book| {
            let papers = book.papers.get(digest)?;
            let seen = book.state.proposal(digest)?;
            let approval =
                |one: &kezek_engine::state::Approval| Approval { person: one.person.clone(), at: one.at };
            let approvals: Vec<Approval> = seen.approvals.iter().map(approval).collect();
            let told = (seen.proposed.author.clone(), seen.at, approvals, seen.issued_at.is_some());
            Some((papers.plan.clone(), papers.case.clone(), told))
        });
        let Some((plan, case, (author, proposed_at, approvals, is_issued))) = found else { return Ok(None) };
        let (plan, case) = (self.kept_plan(&plan).await?, self.kept_case(&case).await?);
        let (digest, environment) = (digest.to_owned(), self.config().environment.clone());
        let set = move || {
            let paper = PlanPaper {
                plan: &plan,
                digest: &digest,
                environment: &environment,
                author: &author,
                proposed_at,
                approvals,
                is_issued,
                zone: case.grid.time_zone,
                step_minutes: case.grid.step_minutes,
            };
            paper.pdf()
        };
        self.press(set).await.map(Some)
    }

    /// Sets a paper when it is its turn: typesetting takes a processor for a while.
    async fn press(
        &self,
        set: impl FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static,
    ) -> Result<Vec<u8>, ServerError> {
        let broke_off = || ServerError::BrokeOff { what: "the typesetting" };
        let _turn = self.presses.acquire().await.map_err(|_| broke_off())?;
        let done = tokio::task::spawn_blocking(set).await.map_err(|_| broke_off())?;
        done.map_err(|error| unset(&error))
    }
}
