//! The facility's word on an order: signed, stored, then sent.

use crate::agent::Agent;
use crate::config::AnswerPolicy;
use crate::error::AgentError;
use crate::holdings::Holding;
use crate::ledger::Ledger;
use crate::record::Record;
use chrono::{DateTime, TimeDelta, Utc};
use kezek_courier::{Purpose, Signed};
use kezek_model::ids::OrderNo;
use kezek_model::receipt::{Answer, Response};

/// Who answers where no person does.
const AGENT: &str = "agent";

impl Agent {
    /// A person of the facility answers an order; the last answer stands. A refused order is not carried out.
    ///
    /// # Errors
    /// When no such order is stored, or the answer cannot be stored.
    pub async fn answer(&self, order_no: &OrderNo, by: &str, response: Response) -> Result<(), AgentError> {
        let (order_no, by) = (order_no.clone(), by.to_owned());
        self.with_ledger(move |agent, ledger| {
            let Some(holding) = ledger.memory.holding(&order_no) else {
                return Err(AgentError::UnknownOrder { order_no });
            };
            let record = agent.answered(holding, &by, response)?;
            ledger.record(vec![record])
        })
        .await??;
        self.0.news.notify_waiters();
        Ok(())
    }

    /// Gives the answers that the configuration lets the agent give by now.
    pub(crate) async fn answer_due(&self) {
        let now = self.now();
        if self.next_answer(&self.ledger()).is_none_or(|due| due > now) {
            return;
        }
        let answered = self.with_ledger(move |agent, ledger| {
            let due = |holding: &&Holding| agent.answer_at(holding).is_some_and(|at| at <= now);
            let due = ledger.memory.holdings.iter().filter(due);
            let records: Result<Vec<_>, _> = due.filter_map(|holding| agent.policy_answer(holding)).collect();
            ledger.record(records?)
        });
        if let Err(error) = answered.await.and_then(|answered| answered) {
            tracing::error!(%error, "orders could not be answered");
        }
    }

    /// When the next answer is due.
    pub(crate) fn next_answer(&self, ledger: &Ledger) -> Option<DateTime<Utc>> {
        ledger.memory.holdings.iter().filter_map(|holding| self.answer_at(holding)).min()
    }

    fn answer_at(&self, holding: &Holding) -> Option<DateTime<Utc>> {
        let wait_s = match &self.0.config.answer {
            AnswerPolicy::Accept | AnswerPolicy::Refuse(_) => 0,
            AnswerPolicy::AcceptAfter(seconds) => i64::try_from(*seconds).ok()?,
            AnswerPolicy::Manual => return None,
        };
        let due = holding.received_at.checked_add_signed(TimeDelta::try_seconds(wait_s)?);
        due.filter(|_| holding.answer.is_none())
    }

    fn policy_answer(&self, holding: &Holding) -> Option<Result<Record, AgentError>> {
        let response = match &self.0.config.answer {
            AnswerPolicy::Accept | AnswerPolicy::AcceptAfter(_) => Response::Accepted,
            AnswerPolicy::Refuse(reason) => Response::Refused { reason: reason.clone() },
            AnswerPolicy::Manual => return None,
        };
        Some(self.answered(holding, AGENT, response))
    }

    fn answered(&self, holding: &Holding, by: &str, answer: Response) -> Result<Record, AgentError> {
        let order = &holding.order;
        let body = Answer {
            order_no: order.order_no.clone(),
            sequence: order.sequence,
            environment: order.environment.clone(),
            facility: order.facility.clone(),
            answer,
            by: by.to_owned(),
            at: self.now(),
        };
        Ok(Record::Answered { answer: Signed::new(Purpose::Answer, body, &self.0.key)? })
    }
}
