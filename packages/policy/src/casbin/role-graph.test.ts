import { RoleGraph } from './role-graph';

const graph = new RoleGraph([
  { name: 'base', inherits: [] },
  { name: 'left', inherits: ['base'] },
  { name: 'right', inherits: ['base'] },
  { name: 'top', inherits: ['left', 'right'] },
]);

test('a class holds the declared roles, sorted and once each', () => {
  expect(graph.declared(['top', 'gone', 'base', 'top'])).toEqual(['base', 'top']);
  expect(graph.names).toEqual(['base', 'left', 'right', 'top']);
});

test('the closure of roles is they and all that they inherit', () => {
  expect([...graph.closure(['top'])].sort()).toEqual(['base', 'left', 'right', 'top']);
  expect([...graph.closure(['left'])].sort()).toEqual(['base', 'left']);
  expect([...graph.closure([])]).toEqual([]);
  expect([...graph.closure(['gone'])]).toEqual(['gone']);
});

test('links are the real ones, and a class subject links to each of its roles', () => {
  expect(graph.linksOf(['top', 'base', 'gone'])).toEqual([
    ['role:top', 'role:left'],
    ['role:top', 'role:right'],
  ]);
  expect(RoleGraph.linksOfClass(['left', 'right'])).toEqual([
    ['class:left+right', 'role:left'],
    ['class:left+right', 'role:right'],
  ]);
});
