// Papers: the monitoring forms and the after-visit sheet. Fetched when they are first shown.

import "./forms.css";

export { AfterVisit } from "./after";
export { Downtime } from "./downtime";
export { DueForms } from "./due";
export { FormPage } from "./form";
