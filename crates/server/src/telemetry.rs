//! What the service says about itself: numbers for `/metrics`, lines for the log. Both carry ids and templates of paths, never a path, a query, a name or a body.

use std::time::Duration;

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tracing_subscriber::EnvFilter;

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 14] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0];

/// How often samples are put into their buckets, so that what waits for that stays small.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// Counters of one service. Each service has its own, so that several in one process (as in tests) do not count for each other.
pub struct Telemetry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

const METADATA: Metadata<'static> = Metadata::new("peermatch", Level::INFO, None);

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl Telemetry {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        let counters: [(&'static str, &'static str); 3] = [
            (
                "peermatch_requests_total",
                "Requests answered, by method, template of the path and status.",
            ),
            ("peermatch_shed_total", "Connections and requests turned away, by reason."),
            ("peermatch_aborted_total", "Requests whose caller went away before the answer."),
        ];
        for (name, about) in counters {
            recorder.describe_counter(KeyName::from(name), None, about.into());
        }
        for (name, about) in [
            ("peermatch_in_flight", "Requests being answered now."),
            ("peermatch_connections", "Open connections."),
            ("peermatch_queue", "What waits in a queue now, by queue."),
            ("peermatch_rosters_held", "Kept rosters in memory."),
        ] {
            recorder.describe_gauge(KeyName::from(name), None, about.into());
        }
        for (name, about) in [
            (
                "peermatch_request_seconds",
                "How long answers took, by method and template of the path.",
            ),
            ("peermatch_store_seconds", "How long the store took to write, by what was written."),
        ] {
            recorder.describe_histogram(KeyName::from(name), Some(Unit::Seconds), about.into());
        }
        Self { recorder, handle }
    }

    /// One more.
    pub fn count(&self, name: &'static str, labels: Vec<Label>) {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA).increment(1);
    }

    /// How much there is now.
    pub fn gauge(&self, name: &'static str, labels: Vec<Label>, value: u32) {
        self.recorder
            .register_gauge(&Key::from_parts(name, labels), &METADATA)
            .set(f64::from(value));
    }

    /// How long something took.
    pub fn took(&self, name: &'static str, labels: Vec<Label>, time: Duration) {
        self.recorder
            .register_histogram(&Key::from_parts(name, labels), &METADATA)
            .record(time.as_secs_f64());
    }

    /// Something was turned away.
    pub fn shed(&self, reason: &'static str) {
        self.count("peermatch_shed_total", vec![Label::from_static_parts("reason", reason)]);
    }

    /// What waits in a queue.
    pub fn queue(&self, queue: &'static str, length: usize) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.gauge("peermatch_queue", vec![Label::from_static_parts("queue", queue)], length);
    }

    /// How long the store took to write something.
    pub fn stored(&self, what: &'static str, time: Duration) {
        self.took("peermatch_store_seconds", vec![Label::from_static_parts("what", what)], time);
    }

    /// An answer.
    pub(crate) fn answered(
        &self,
        method: &'static str,
        route: &'static str,
        status: u16,
        time: Duration,
    ) {
        let mut labels = vec![
            Label::from_static_parts("method", method),
            Label::from_static_parts("route", route),
        ];
        self.took("peermatch_request_seconds", labels.clone(), time);
        labels.push(Label::new("status", status.to_string()));
        self.count("peermatch_requests_total", labels);
    }

    /// Everything, as Prometheus reads it.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Puts samples into their buckets; to be called every [`UPKEEP`].
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the log cannot be written as asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error(
        "{0:?} is no log filter: write a level (error, warn, info, debug, off) or pairs such as info,peermatch_server=debug"
    )]
    Filter(String),
    /// A log is being written already.
    #[error("a log is being written already")]
    Twice,
}

/// Begins to write a log to standard error, for the whole process.
///
/// # Errors
/// See [`LogError`].
pub fn log(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(filter).map_err(|_| LogError::Filter(filter.to_owned()))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false);
    match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|_| LogError::Twice)
}
