//! `wrcap check` tells how far the road goes.

use serde_json::Value;

use crate::common::{lab::Lab, wrcap};

fn checked(lab: &Lab, selector: &str, code: i32) -> Vec<Value> {
    let ended = wrcap::run(lab, &["check", selector, "--json"]).code(code);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["schema"], 1);
    report["targets"].as_array().unwrap().clone()
}

/// The steps that went well, then the one that did not and its kind.
fn road(target: &Value) -> String {
    let steps = target["steps"].as_array().unwrap().iter().map(|step| {
        let name = step["step"].as_str().unwrap();
        if step["ok"] == true {
            name.to_owned()
        } else {
            let error = &step["error"];
            assert!(error["message"].is_string() && error["hint"].is_string(), "{step}");
            format!("{name}:{}", error["kind"].as_str().unwrap())
        }
    });
    steps.collect::<Vec<_>>().join(" ")
}

#[test]
fn healthy_and_broken_targets_are_told_step_by_step() {
    let Some(lab) = Lab::up(3) else { return };
    let healthy = "path login tcpdump privilege interface filter leftovers";
    let all = checked(&lab, "lab", 0);
    for target in &all {
        assert_eq!((road(target).as_str(), &target["ok"]), (healthy, &true.into()), "{target}");
    }
    assert_eq!(all.len(), 3);
    let told = wrcap::run(&lab, &["check", "lab/t1"]).code(0).out;
    for words in [
        "lab/t1\n",
        "  ok    privilege  sudo -n\n",
        "eth0",
        "our own connection left out",
        "  ok    leftovers  none\n",
    ] {
        assert!(told.contains(words), "no {words:?} in\n{told}");
    }

    lab.set("t1", &["tcpdump=off"]);
    lab.set("t2", &["sudo=none"]);
    lab.site("plain", &[], &format!("  t2: {{ host: {}, privilege: none }}\n", lab.value("T2_IP")));
    lab.tell(&["link", "t3", "down"]);
    // Otherwise the bastion goes on to send to an address that it remembers, for a while.
    lab.on("bastion", &["ip", "neigh", "flush", "all"]);
    let all = checked(&lab, "lab", 7);
    assert_eq!(road(&all[0]), "path login tcpdump:no-tcpdump interface leftovers");
    // sudo asks for the password before it says that the user may do nothing.
    assert_eq!(road(&all[1]), healthy);
    assert_eq!(all[1]["steps"][3]["detail"], "sudo with a password");
    assert!(all[1]["steps"][3]["hint"].as_str().is_some_and(|hint| hint.contains("NOPASSWD")), "{}", all[1]);
    let plain = checked(&lab, "plain", 4);
    assert_eq!(road(&plain[0]), "path login tcpdump privilege:privilege interface filter leftovers");
    assert!(road(&all[2]).starts_with("path:"), "{}", all[2]);
    assert!(all[2]["steps"][0]["error"]["hop"].as_str().unwrap().contains(lab.value("T3_IP")), "{}", all[2]);
    assert_eq!([&all[0]["ok"], &all[2]["ok"]], [false, false]);
    for (selector, hint) in [("lab/t1", "tcpdump"), ("plain/t2", "ec2-user ALL=(root) NOPASSWD: /")] {
        let told = wrcap::run(&lab, &["check", selector]).code(4).out;
        let (_, after) = told.split_once("  FAIL  ").unwrap_or_else(|| panic!("{told}"));
        assert!(after.contains("hint: ") && after.contains(hint), "{told}");
    }
    lab.tell(&["link", "t3", "up"]);
    lab.assert_nothing_left();
}
