import { render } from "preact";
import "../../src/look/tokens.css";
import "./page.css";
import { Page } from "./page";

render(<Page />, document.getElementById("page")!);
