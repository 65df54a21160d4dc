//! One fan-out by webhooksmith: arguments are the address of an empty PostgreSQL database, the receivers' address, how
//! many there are and their secret. Says `ready` when all are registered, takes the payload as a line, says `done` when
//! the last delivery is recorded.

use std::io::BufRead as _;
use webhooksmith::WebhookEngine;

/// As many as Kezek has under way, where webhooksmith has 50 unless it is asked.
const AT_ONCE: i64 = 256;
/// As near to the deliveries under way as the database server likes.
const CONNECTIONS: u32 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [_, database, receivers, count, secret] =
        <[String; 5]>::try_from(std::env::args().collect::<Vec<_>>())
            .map_err(|_| "expected DATABASE RECEIVERS COUNT SECRET")?;
    let count: usize = count.parse()?;
    let engine = WebhookEngine::builder().database_url(database).allow_insecure_urls();
    let engine = engine.batch_size(AT_ONCE).max_connections(CONNECTIONS).build().await?;
    engine.migrate().await?;
    for n in 0..count {
        engine.register(&format!("{receivers}/F{n:05}"), &secret).await?;
    }
    println!("ready");
    let payload = std::io::stdin().lock().lines().next().ok_or("no payload")??;
    engine.broadcast("order.given", serde_json::from_str(&payload)?).await?;
    while engine.run_once().await? > 0 {}
    let delivered = engine.queue_stats().await?.delivered;
    if usize::try_from(delivered)? != count {
        return Err(format!("{delivered} of {count} delivered").into());
    }
    println!("done");
    Ok(())
}
