// Begins the app, where it may keep something.

import { sayBlocked } from "./blocked";
import { render } from "preact";
import { App } from "./app";
import { beginBell } from "./bell";
import { watchForFirst } from "./opening";
import { followCalling } from "./calling";
import { followSeen } from "./seen";
import { begin } from "./store";
import { storageWorks } from "./storage";
import { follow } from "./stream";
import { offerVersions } from "./versions";

storageWorks().then((works) => works || sayBlocked());
begin();
watchForFirst();
follow();
followCalling();
followSeen();
beginBell();
offerVersions();
render(<App />, document.getElementById("app")!);
