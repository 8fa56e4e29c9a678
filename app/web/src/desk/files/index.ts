// What a lead brings in and takes out, as files. Fetched when it is first shown.

import "./files.css";

export { ExportScreen } from "./exports";
export { ImportScreen } from "./imports";
