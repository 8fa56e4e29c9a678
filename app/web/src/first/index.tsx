// What a clinic is set up with. Fetched when it is first shown, so that a nurse's tablet starts without it.

import "./first.css";

export { FirstRun } from "./found";
export { Setup } from "./setup";
