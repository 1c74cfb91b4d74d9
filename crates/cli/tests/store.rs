//! `backup`, `restore` and `audit verify`, as they are called.
#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::{Command, Output};

use peermatch_store::sqlite::{Options, Sqlite};
use peermatch_store::{AuditEntry, Organisation, Store};

fn peermatch(args: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_peermatch")).args(args).output().unwrap()
}

fn said(output: &Output, code: i32) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{error}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &error
}

fn made(path: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(path, Options::default()).await.unwrap();
        let o = Organisation { id: "o".into(), name: "O".into(), made_at: 1 };
        store.add_organisation(&o).await.unwrap();
        let entry: AuditEntry = serde_json::from_str(
            r#"{"at": 1, "actor": "key:k", "role": "coordinator", "action": "seen"}"#,
        )
        .unwrap();
        store.append_audit("o", &[entry.clone(), entry]).await.unwrap();
        store.close().await;
    });
}

#[test]
fn a_store_is_copied_put_back_and_its_audit_verified() {
    let folder = tempfile::tempdir().unwrap();
    let [data, copy] = ["data.db", "copy.db"].map(|name| folder.path().join(name));
    let [backup, restore, audit, verify, format, json] =
        ["backup", "restore", "audit", "verify", "--format", "json"].map(Path::new);
    assert!(said(&peermatch(&[backup, &data, &copy]), 1).contains("data.db"));
    made(&data);
    assert!(said(&peermatch(&[backup, &data, &copy]), 0).starts_with("written: "));
    assert!(said(&peermatch(&[backup, &data, &copy]), 1).contains("is there already"));
    let told = said(&peermatch(&[audit, verify, &data]), 0);
    assert!(told.starts_with("o: 2 rows verified, the last with hash "), "{told}");
    let told = said(&peermatch(&[audit, verify, &copy, format, json]), 0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["chains"][0]["rows"], 2);
    assert_eq!(told["chains"][0]["broken"], serde_json::Value::Null);

    let mut bytes = std::fs::read(&data).unwrap();
    let at = bytes.windows(6).position(|part| part == b"\"seen\"").unwrap();
    bytes[at + 1] = b'S';
    std::fs::write(&data, &bytes).unwrap();
    let told = said(&peermatch(&[audit, verify, &data]), 3);
    assert!(told.starts_with("o: BROKEN at row "), "{told}");
    let told = said(&peermatch(&[restore, &data, &copy]), 3);
    assert!(told.contains("Nothing was changed"), "{told}");
    let told = said(&peermatch(&[restore, &copy, &data]), 0);
    assert!(told.contains("; what stood there is kept as "), "{told}");
    said(&peermatch(&[audit, verify, &data]), 0);
}
