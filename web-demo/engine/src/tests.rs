//! The engine as JavaScript sees it, run here: questions as JSON, answers as JSON.

use serde_json::{Value, json};

use crate::{Answer, Engine, Host};

/// A clock that ticks when it is read, and a reader who loses interest after so many stages.
struct Reader {
    ticks: f64,
    patience: u32,
}

impl Host for Reader {
    fn now(&mut self) -> f64 {
        self.ticks += 1.0;
        self.ticks
    }

    fn superseded(&mut self) -> bool {
        self.patience = self.patience.saturating_sub(1);
        self.patience == 0
    }
}

fn ask(engine: &mut Engine, question: &Value, patience: u32) -> (Value, Answer) {
    let answer = engine.answer(&question.to_string(), &mut Reader { ticks: 0.0, patience });
    (serde_json::from_str(&answer.json).expect("JSON"), answer)
}

fn asked(question: Value) -> Value {
    ask(&mut Engine::default(), &question, u32::MAX).0
}

const SUM: &str = "def total(a: 'float64[:]', k: float) -> float:\n    s = 0.0\n    for i in range(len(a)):\n        s += a[i] * k\n    return s\n";

#[test]
fn compiling_gives_a_module_and_what_hosts_must_know() {
    let (json, answer) = ask(&mut Engine::default(), &json!({ "op": "compile", "source": SUM }), u32::MAX);
    assert_eq!(json["ok"], true, "{json}");
    assert_eq!(&answer.bytes[..4], b"\0asm");
    let export = &json["artifact"]["exports"][0];
    assert_eq!(export["name"], "total");
    assert_eq!(export["packed"], "gelcap_packed_total");
    assert_eq!(export["params"][0]["kind"], "array");
    assert_eq!(export["params"][0]["rank"], 1);
    assert_eq!(export["params"][1]["type"], "float");
    assert_eq!(export["result"], json!({ "kind": "scalar", "dtype": "float64", "numpy": false }));
    assert!(json["times"]["total"].as_f64().is_some_and(|t| t > 0.0));
}

#[test]
fn faults_come_with_places_and_text() {
    let json = asked(json!({ "op": "check", "source": "def f(x: float) -> float:\n    return y\n" }));
    assert_eq!(json["ok"], false);
    let label = &json["diagnostics"][0]["labels"][0];
    assert_eq!((label["line"].as_u64(), label["utf16"].as_u64()), (Some(2), Some(11)));
    assert_eq!(json["diagnostics"][0]["code"], "undefined-name");
}

#[test]
fn hovering_tells_types_of_expressions_bindings_and_functions() {
    let hover = |needle: &str| {
        let offset = SUM.find(needle).expect("it is there");
        asked(json!({ "op": "hover", "source": SUM, "offset": offset }))["hover"].clone()
    };
    assert_eq!(hover("total")["types"], json!(["def total(a: float64[:], k: float) -> float | float64"]));
    assert_eq!(hover("k: float")["types"], json!(["float"]));
    assert_eq!(hover("i in")["types"], json!(["int"]));
    assert_eq!(hover("a[i]")["types"], json!(["float64[:]"]));
    assert_eq!(hover("[i]")["types"], json!(["float64"]));
    assert_eq!(hover("\n    s")["types"], Value::Null);
}

#[test]
fn passes_are_told_with_the_ir_they_leave() {
    let json = asked(json!({ "op": "emit", "stage": "passes", "source": SUM }));
    let passes = json["passes"].as_array().expect("a list");
    assert!(passes.iter().any(|p| p["pass"] == "lower-machine" && p["changed"] == true));
    for pass in passes {
        assert_eq!(pass["changed"] == true, pass["text"].is_string());
    }
}

#[test]
fn a_superseded_request_is_dropped_between_stages_and_not_remembered() {
    let mut engine = Engine::default();
    let question = json!({ "op": "compile", "source": SUM });
    assert_eq!(ask(&mut engine, &question, 3).0["superseded"], true);
    let (first, answer) = ask(&mut engine, &question, u32::MAX);
    assert_eq!(first["ok"], true);
    // The second answer is the first one, not a new compilation with other times.
    let (second, again) = ask(&mut engine, &question, 1);
    assert_eq!((second, again), (first, answer));
}

#[test]
fn completions_know_the_module_before_the_dot() {
    let labels = |source: &str, offset: usize| -> Vec<String> {
        let json = asked(json!({ "op": "complete", "source": source, "offset": offset }));
        json["options"].as_array().into_iter().flatten().map(|o| o["label"].as_str().unwrap_or("").to_owned()).collect()
    };
    assert!(labels("x = np.sq", 9).contains(&"sqrt".to_owned()));
    assert!(!labels("x = np.sq", 9).contains(&"sin".to_owned()));
    assert!(labels("x = math.", 9).contains(&"exp".to_owned()));
    assert_eq!(labels("é𝔘 = 1\nwidth = 2\nwi", 20), ["width"]);
}

#[test]
fn nonsense_is_answered() {
    for question in ["", "{", "[]", "{\"op\": \"compile\"}", "{\"op\": \"emit\", \"stage\": \"x\", \"source\": \"\"}"] {
        let answer = Engine::default().answer(question, &mut Reader { ticks: 0.0, patience: u32::MAX });
        let json: Value = serde_json::from_str(&answer.json).expect("JSON");
        assert_eq!(json["ok"], false);
        assert!(json["refused"].is_string());
    }
    let json = asked(json!({ "op": "explain", "code": "syntax-error" }));
    assert!(json["explanation"].as_str().is_some_and(|t| t.len() > 20));
    assert!(asked(json!({ "op": "about" }))["codes"].as_array().is_some_and(|c| c.len() > 20));
}
