//! `--report`: the result of each cluster as a line of JSON, in a file.

use super::record::{ClusterRecord, Line, Run, Totals};
use crate::output::new_file;
use crate::output_buffer::OutputBuffer;
use crate::people::safe_json;
use std::fs::File;
use std::path::Path;

/// A report that is being made. Lines of a large fleet wait in a temporary file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: OutputBuffer,
    pub(crate) totals: Totals,
}

impl Report {
    pub(crate) fn new(run: &Run) -> Result<Report, String> {
        let mut report = Report::default();
        report.push(&Line::Run(run.clone()))?;
        Ok(report)
    }

    /// Adds a cluster.
    pub(crate) fn add(&mut self, cluster: ClusterRecord) -> Result<(), String> {
        self.totals.add(&cluster);
        self.push(&Line::Cluster(cluster))
    }

    /// Adds a line that is written already.
    pub(super) fn add_line(&mut self, line: String, cluster: &ClusterRecord) -> Result<(), String> {
        self.totals.add(cluster);
        self.lines.push(safe_json(line)).map_err(|error| format!("temporary report: {error}"))
    }

    fn push(&mut self, line: &Line) -> Result<(), String> {
        let mut text = serde_json::to_string(line).map_err(|error| error.to_string())?;
        text.push('\n');
        self.lines.push(safe_json(text)).map_err(|error| format!("temporary report: {error}"))
    }

    /// Ends it with the totals.
    pub(super) fn finish(mut self) -> Result<OutputBuffer, String> {
        let totals = Line::Totals(std::mem::take(&mut self.totals));
        self.push(&totals)?;
        Ok(self.lines)
    }

    /// Writes it to a file: a report is complete, or not there.
    pub(crate) fn write(self, path: &Path) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", crate::people::name(path));
        let lines = self.finish()?;
        // A pipe or a device stays what it is.
        if path.exists() && !path.is_file() {
            return File::options()
                .write(true)
                .open(path)
                .and_then(|mut file| lines.copy_to(&mut file))
                .map_err(failed);
        }
        let mut file = new_file(path).map_err(failed)?;
        lines.copy_to(file.as_file_mut()).map_err(failed)?;
        if let Ok(older) = path.metadata() {
            file.as_file().set_permissions(older.permissions()).map_err(failed)?;
        }
        file.persist(path).map(|_| ()).map_err(|error| failed(error.error))
    }
}
