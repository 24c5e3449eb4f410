import { LocationProvider, Route, Router } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { connectLive } from './api/live.ts';
import { HelpDialog, helpOpen } from './components/help-dialog.tsx';
import { LiveBanner } from './components/live-banner.tsx';
import { Rail } from './components/rail.tsx';
import { Toasts } from './components/toasts.tsx';
import { acknowledgeFocused } from './lib/acknowledge.ts';
import { startClock } from './lib/clock.ts';
import { flushDeferred, undoNewest } from './lib/deferred.ts';
import { bindKey, focusSearch, listenForKeys, moveRow } from './lib/hotkeys.ts';
import { CapacityPage } from './pages/capacity.tsx';
import { HostPage } from './pages/host.tsx';
import { HostsPage } from './pages/hosts.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { IncidentsPage } from './pages/incidents.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { NowPage } from './pages/now.tsx';
import { ProblemPage } from './pages/problem.tsx';
import { ProblemsPage } from './pages/problems.tsx';
import { RulesPage } from './pages/rules.tsx';

/** What runs as long as the page: the event stream, the clock, the keys, and sending what still waits on leaving. */
function useRunning(): void {
  useEffect(() => {
    const onLeave = () => void flushDeferred();
    addEventListener('pagehide', onLeave);
    const stops = [
      connectLive(),
      startClock(),
      listenForKeys(),
      bindKey('j', () => moveRow(1)),
      bindKey('k', () => moveRow(-1)),
      bindKey('/', focusSearch),
      bindKey('?', () => (helpOpen.value = true)),
      bindKey('u', () => void undoNewest()),
      bindKey('a', acknowledgeFocused),
    ];
    return () => {
      removeEventListener('pagehide', onLeave);
      for (const stop of stops) stop();
    };
  }, []);
}

/** The path whose page was last shown; a change of path (not of query) moves the reader to the new page's top. */
let lastPath = location.pathname;

function onRouteChange(url: string): void {
  const path = new URL(url, location.origin).pathname;
  if (path === lastPath) return;
  lastPath = path;
  const main = document.querySelector<HTMLElement>('main');
  main?.focus({ preventScroll: true });
  scrollTo(0, 0);
}

export function App() {
  useRunning();
  return (
    <LocationProvider>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <div class="shell">
        <Rail />
        <div class="main">
          <LiveBanner />
          <main id="main" tabIndex={-1}>
            <Router onRouteChange={onRouteChange}>
              <Route path="/" component={NowPage} />
              <Route path="/incidents" component={IncidentsPage} />
              <Route path="/incidents/:number" component={IncidentPage} />
              <Route path="/problems" component={ProblemsPage} />
              <Route path="/problems/:number" component={ProblemPage} />
              <Route path="/hosts" component={HostsPage} />
              <Route path="/hosts/:instance" component={HostPage} />
              <Route path="/capacity" component={CapacityPage} />
              <Route path="/rules" component={RulesPage} />
              <Route default component={NotFoundPage} />
            </Router>
          </main>
        </div>
      </div>
      <HelpDialog />
      <Toasts />
    </LocationProvider>
  );
}
