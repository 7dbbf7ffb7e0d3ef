import { render } from "preact";
import { App } from "./app";
import { applyPreferences } from "./preferences";
import { startSession } from "./session";
import "uplot/dist/uPlot.min.css";
import "./styles/index.css";

applyPreferences();
render(<App />, document.body);
void startSession();
