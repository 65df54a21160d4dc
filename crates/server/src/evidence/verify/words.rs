//! What a finding says of the chain.

use kezek_model::order::Head;

use crate::evidence::Evidence;

/// What the chain proves, and what only the seal says.
pub(super) fn chain(evidence: &Evidence, ends: &[Head], compared: usize) -> String {
    let links: usize = evidence.chain.iter().map(|stretch| stretch.links.len()).sum();
    let ends: Vec<String> = ends.iter().map(ToString::to_string).collect();
    let gaps = match evidence.chain.len() {
        0 | 1 => String::new(),
        many => format!(
            "; in {many} stretches, that they are of one journal is the word of the control room alone"
        ),
    };
    let plural = if compared == 1 { "" } else { "s" };
    format!(
        "{links} links recomputed to {}, {compared} other head{plural} compared{gaps}",
        ends.join(" and ")
    )
}

/// How many records the file says in full.
pub(super) fn records(evidence: &Evidence, told: usize) -> String {
    let links: usize = evidence.chain.iter().map(|stretch| stretch.links.len()).sum();
    format!(
        "{told} in full, {} as stubs; that none of these concerns the order is the word of the control room",
        links - told
    )
}
