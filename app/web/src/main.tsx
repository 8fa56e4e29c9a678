// A browser that lets the app keep nothing is told so before anything else of the app is read: parts of it look at what is
// kept as soon as they are.
import "./blocked";
import "./look/tokens.css";
import "./look/shapes.css";
import "./look/states.css";
import "./look/forms.css";
import "./look/alerts.css";
import "./look/board.css";
import "./look/entry.css";
import "./look/session.css";
import "./look/sheet.css";
import "./look/review.css";
import "./look/print.css";

void import("./begin");
