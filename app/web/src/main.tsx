import { render } from "preact";
import { App } from "./app";
import { begin } from "./store";
import { follow } from "./stream";
import "./look/tokens.css";
import "./look/shapes.css";
import "./look/board.css";
import "./look/entry.css";
import "./look/session.css";
import "./look/sheet.css";
import "./look/review.css";
import "./look/print.css";
import { offerVersions } from "./versions";

begin();
follow();
offerVersions();
render(<App />, document.getElementById("app")!);
