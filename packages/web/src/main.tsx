import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/components.css';
import './styles/table.css';
import './styles/pages.css';
import { App } from './app.tsx';

const root = document.querySelector('#app');
if (!root) throw new Error('index.html has no element #app to draw in');
render(<App />, root);
