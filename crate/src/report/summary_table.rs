//! A model's summary as a table in a notebook.

use crate::display::{escape, notebook_output};
use crate::nn::{Summary, thousands};

impl Summary {
    /// The table as HTML; it takes the page's own colours, light or dark.
    pub fn to_html(&self) -> String {
        let cell = r#"style="text-align:left""#;
        let number = r#"style="text-align:right;font-variant-numeric:tabular-nums""#;
        let mut html = format!(
            "<table><caption style=\"text-align:left\">Model: <b>{}</b></caption>\n<thead><tr><th {cell}>Layer (type)</th>\
             <th {cell}>Output Shape</th><th {number}>Param #</th></tr></thead>\n<tbody>\n",
            escape(self.model())
        );
        for (layer, shape, params) in self.rows() {
            let params = thousands(params);
            html += &format!("<tr><td {cell}>{layer}</td><td {cell}>{shape}</td><td {number}>{params}</td></tr>\n");
        }
        html += "</tbody>\n<tfoot>\n";
        for (name, count) in self.totals() {
            let count = thousands(count);
            html += &format!("<tr><th colspan=\"2\" {cell}>{name}</th><td {number}>{count}</td></tr>\n");
        }
        html + "</tfoot></table>"
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        notebook_output::show(&self.to_html(), &self.to_string());
    }
}
