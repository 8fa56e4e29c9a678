// What lies behind. Fetched when it is first shown: a tablet starts without it.

export { Days } from "./days";
export { LastTime } from "./last";
export { Over } from "./over";
export { PatientPage } from "./page";
