//! A facility's own command.

use crate::world::at;
use chrono::TimeDelta;
use kezek_agent::{Driver as _, Exec, Mean};
use kezek_model::units::Kw;
use std::fs;
use std::time::Duration;

/// A driver that runs a shell script.
fn driver(dir: &tempfile::TempDir, script: &str, timeout: Duration) -> Exec {
    let path = dir.path().join("breaker.sh");
    fs::write(&path, script).unwrap();
    let command = ["sh".to_owned(), path.to_str().unwrap().to_owned()];
    Exec::new(&command, timeout, Duration::from_secs(10)).unwrap()
}

#[tokio::test]
async fn the_command_is_told_limits_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let (log, power) = (dir.path().join("log"), dir.path().join("power"));
    let script =
        format!("case $1 in read) cat {} ;; *) echo \"$@\" >> {} ;; esac\n", power.display(), log.display());
    let exec = driver(&dir, &script, Duration::from_secs(10));
    exec.set_limit(Some(Kw(2500)), at(0)).await.unwrap();
    exec.set_limit(None, at(1)).await.unwrap();
    assert_eq!(fs::read_to_string(&log).unwrap(), "limit 2500\nfree\n");
    for second in 0..60 {
        fs::write(&power, if second < 30 { "4000.4\n" } else { "2000" }).unwrap();
        exec.sample(at(0) + TimeDelta::seconds(second)).await.unwrap();
    }
    let mean = exec.mean_power(at(0), at(1)).await.unwrap();
    assert_eq!(mean, Some(Mean { power: Kw(3000), is_complete: true }));
    assert_eq!(exec.mean_power(at(5), at(20)).await.unwrap(), None);
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let exec = driver(&dir, "echo breaker 7 stuck >&2; exit 3\n", Duration::from_secs(10));
    let error = exec.set_limit(None, at(0)).await.unwrap_err().to_string();
    assert!(error.contains("free: exit status: 3: breaker 7 stuck"), "{error}");
    let exec = driver(&dir, "echo many\n", Duration::from_secs(10));
    let error = exec.sample(at(0)).await.unwrap_err().to_string();
    assert!(error.contains("printed 'many', expected the power in kW"), "{error}");
    let exec = driver(&dir, "sleep 60\n", Duration::from_millis(200));
    let error = exec.set_limit(None, at(0)).await.unwrap_err().to_string();
    assert!(error.contains("no end within"), "{error}");
    let exec =
        Exec::new(&["/nowhere/breaker".into()], Duration::from_secs(1), Duration::from_secs(1)).unwrap();
    let error = exec.set_limit(None, at(0)).await.unwrap_err().to_string();
    assert!(error.contains("check path and permissions"), "{error}");
    assert!(Exec::new(&[], Duration::from_secs(1), Duration::from_secs(1)).is_err());
}
