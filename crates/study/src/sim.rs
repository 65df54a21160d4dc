//! The simulator: one seed, one run of a control room and its facilities, with everything that can fail failing.
//!
//! A single thread takes one moment after the other from an agenda. It drives the real engine through the real writer of
//! the server (whoever gives the [`Corridor`]), a real store on a pretend disk, real envelopes and signatures, and the
//! agent's own rules at pretend facilities. The network between them loses, doubles and delays; the disk fails and
//! tears; the clocks leap; the room dies at every named [`CrashPoint`]; people do what is right and what is not.
//!
//! First everything fails, then nothing does any more and all must come together. What was seen is [`Evidence`] for the
//! oracle, which knows nothing of all this. The same seed gives the same run to the last byte of the journal.
//!
//! [`Evidence`]: crate::oracle::Evidence

mod chances;
mod clock;
mod crash;
pub mod disk;
mod facility;
mod keys;
mod life;
mod network;
mod people;
mod plans;
mod room;
mod run;
mod sabotage;
mod surge;
mod transmit;
mod way;

pub use clock::{Clock, Time};
pub use crash::{CrashPoint, Fate};
pub use room::{Asked, Corridor, Denied, Opening, Start};
pub use run::{Outcome, Settings, run};
pub use sabotage::Sabotage;
