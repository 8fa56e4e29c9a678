import { Component, type ComponentChildren, type VNode } from "preact";
import { words } from "../words";

interface Props {
  children: ComponentChildren;
  /** What failed is tried again when this changes: something new was heard. */
  on?: unknown;
  /** A whole screen, or a part of one. */
  whole?: boolean;
}

/** What cannot be drawn says so: a picture that stands still could be taken for what is so now. */
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.failed && before.on !== this.props.on) this.setState({ failed: false });
  }

  render(): VNode {
    if (!this.state.failed) return <>{this.props.children}</>;
    const again = (): void => this.setState({ failed: false });
    const said = (
      <div class="unknown stack" role="alert">
        <p>{this.props.whole ? words.failed.screen : words.failed.part}</p>
        <span class="row">
          <button type="button" class="button" onClick={again}>
            {words.loadAgain}
          </button>
          <button type="button" class="button" onClick={() => location.reload()}>
            {words.failed.reload}
          </button>
        </span>
      </div>
    );
    return this.props.whole ? <main class="page narrow stack">{said}</main> : said;
  }
}
