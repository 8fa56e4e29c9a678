import { render } from "preact";
import { App } from "./app";
import { begin } from "./store";
import { follow } from "./stream";
import "./styles.css";
import "./screens.css";
import { offerVersions } from "./versions";

begin();
follow();
offerVersions();
render(<App />, document.getElementById("app")!);
